/**
 * What looks like a secret: passwords in URLs, keys of well-known services, tokens in headers, private keys.
 * An error may quote a configuration or a server's answer, so every line for people passes through here.
 */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/]{0,200}):[^\s@/]{1,1000}@/gi, '$1:•••@'],
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    '••• private key',
  ],
  [/\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}/g, '•••'],
  [/\b(?:gh[pousr]_|github_pat_|hf_|glpat-|xox[abprs]-|npm_)[A-Za-z0-9_-]{10,}/g, '•••'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '•••'],
  [/\bAIza[A-Za-z0-9_-]{30,}/g, '•••'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, '•••'],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 •••'],
  [
    /\b([a-z0-9_-]*(?:password|passwd|secret|api[_-]?key|access[_-]?key|token))(["']?\s*[=:]\s*["']?)[^\s"',;&]{4,}/gi,
    '$1$2•••',
  ],
]

/** The text with everything that looks like a secret replaced by •••. */
export const withoutSecrets = (text: string): string =>
  secrets.reduce((shown, [pattern, replacement]) => shown.replace(pattern, replacement), text)
