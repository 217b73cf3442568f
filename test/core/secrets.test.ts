import { describe, expect, test } from 'vitest'
import { withoutSecrets } from '../../core/secrets.ts'

const canaries: readonly (readonly [string, string])[] = [
  ['a password in an address', 'postgresql://hansard:CANARY123@localhost:5432/x'],
  ['a user with an empty name', 'redis://:CANARY123@cache/0'],
  ['a key of a model server', 'invalid key sk-CANARY123CANARY123CANARY'],
  ['a project key', 'Incorrect API key provided: sk-proj-CANARY123CANARY123_x'],
  ['a GitHub token', 'ghp_CANARY123CANARY123CANARY123'],
  ['a Hugging Face token', 'hf_CANARY123CANARY123'],
  ['a cloud key', 'AKIACANARY123CANARY1'],
  ['a JSON web token', 'eyJCANARY1234.eyJCANARY1234.CANARY1234'],
  ['a bearer header', 'Authorization: Bearer CANARY123CANARY'],
  ['a setting', '{"api_key": "CANARY123CANARY"}'],
  ['an environment', 'HANSARD_PASSWORD=CANARY123'],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nCANARY123\n-----END RSA PRIVATE KEY-----'],
  ['half a private key', '-----BEGIN PRIVATE KEY-----\nCANARY123'],
]

describe('a line for people', () => {
  test.each(canaries)('does not show %s', (_, text) => {
    expect(withoutSecrets(text)).not.toContain('CANARY')
  })

  test('keeps what is no secret', () => {
    const text =
      'run.yaml:8:5 token limits: max_tokens must be at least 1; see https://example.org/a@b and 9c41e7d2'
    expect(withoutSecrets(text)).toBe(text)
    expect(withoutSecrets('postgresql://hansard@localhost/x')).toBe('postgresql://hansard@localhost/x')
    expect(withoutSecrets('postgresql://hansard:abc@localhost/x')).toBe(
      'postgresql://hansard:•••@localhost/x',
    )
  })
})
