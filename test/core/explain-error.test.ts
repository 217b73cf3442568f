import { describe, expect, test, vi } from 'vitest'
import { explainError } from '../../core/explain-error.ts'
import { HansardError } from '../../events/errors.ts'
import { hostileTexts } from '../tui/hostile-texts.ts'

const damaged = new HansardError('blob_missing', 'blob 12ab is not in /home/blobs', {
  exit: 3,
  mend: 'copy it from a backup',
})

describe('an error on the command line', () => {
  test('is one line that says what, where and how to mend it', () => {
    expect(explainError(damaged, false)).toEqual({
      lines: ['hansard: blob 12ab is not in /home/blobs. Copy it from a backup.'],
      exit: 3,
    })
  })

  test('shows where it happened only with --debug', () => {
    const lines = explainError(damaged, true).lines
    expect(lines[0]).toBe('hansard: blob 12ab is not in /home/blobs. Copy it from a backup.')
    expect(lines.some((line) => line.includes('explain-error.test.ts'))).toBe(true)
    expect(explainError(damaged, false).lines.join('')).not.toContain('.test.ts')
  })

  test('that nobody expected says so, and exits with 1', () => {
    expect(explainError(new TypeError('x is not a function'), false)).toEqual({
      lines: ['hansard: x is not a function. This was not expected: --debug shows where it happened.'],
      exit: 1,
    })
    expect(explainError('thrown text', false).exit).toBe(1)
    const none = new AggregateError([new Error('connect ECONNREFUSED ::1:5432'), new Error('second')])
    expect(explainError(none, false).lines[0]).toContain('connect ECONNREFUSED ::1:5432')
  })

  test('keeps one line per problem where a file has several', () => {
    const error = new HansardError('x', 'run.yaml:3:1 a: wrong\nrun.yaml:9:2 b: wrong', {
      exit: 2,
      mend: 'mend both',
    })
    expect(explainError(error, false).lines).toEqual([
      'hansard: run.yaml:3:1 a: wrong',
      'run.yaml:9:2 b: wrong',
      'Mend both.',
    ])
  })

  test('names commands as they have to be typed', () => {
    const error = new HansardError('x', 'no record', { exit: 2, mend: 'make one with `hansard run`' })
    vi.stubEnv('npm_command', 'exec')
    expect(explainError(error, false).lines).toEqual(['hansard: no record. Make one with `npx hansard run`.'])
    vi.stubEnv('npm_command', undefined)
    expect(explainError(error, false).lines).toEqual(['hansard: no record. Make one with `hansard run`.'])
    vi.unstubAllEnvs()
  })

  test('by interruption exits with 130', () => {
    expect(explainError(new DOMException('stopped', 'AbortError'), false).exit).toBe(130)
  })

  test.each(hostileTexts)('with $name in it reaches no terminal', ({ text }) => {
    for (const error of [new Error(text), new HansardError('x', text, { exit: 2, mend: text })])
      for (const line of explainError(error, true).lines)
        expect(line.replace(/\p{RGI_Emoji}/gv, '')).not.toMatch(
          /[\p{Control}\p{Format}\p{Surrogate}\u2028\u2029]/v,
        )
  })

  test('shows no password', () => {
    const error = new Error('no server at postgresql://hansard:CANARY@db/x')
    expect(explainError(error, true).lines.join('\n')).not.toContain('CANARY')
  })
})
