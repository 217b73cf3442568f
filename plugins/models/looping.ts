/** A cycle of tokens is looked for up to this length. */
const longestCycle = 48
/** How often a cycle must have come, and how many tokens it must fill at least. */
const rounds = 4
const fewestTokens = 32

/**
 * Whether a text that is being generated has come to repeat itself word by word: its last tokens are one cycle,
 * four times or more, over at least 32 tokens. A refrain or a row of dashes is shorter.
 */
export function isLooping(tokens: readonly number[]): boolean {
  const longest = Math.min(longestCycle, Math.floor(tokens.length / rounds))
  for (let cycle = 1; cycle <= longest; cycle++) {
    const needed = Math.max(cycle * rounds, fewestTokens)
    if (needed <= tokens.length && repeats(tokens, cycle, needed)) return true
  }
  return false
}

const repeats = (tokens: readonly number[], cycle: number, needed: number): boolean => {
  for (let at = tokens.length - 1; at >= tokens.length - needed + cycle; at--) {
    if (tokens[at] !== tokens[at - cycle]) return false
  }
  return true
}
