import { canonicalText, sha256Hex } from './canonical.ts'
import type { Digest } from './event.ts'

/** 2³¹ − 1: seeds are the residues of it, which every server accepts as an integer. */
const modulus = 0x7fff_ffff

/**
 * The seed of an act, from its place alone: the first 8 bytes of sha-256(JCS([run seed, type, subject, round, i])), read
 * big-endian, mod 2³¹−1. Order of work, workers and restarts cannot matter.
 * @returns an integer in 0 … 2³¹−2
 * @throws NotCanonical where the subject is not well formed
 */
export const seedOf = (runSeed: number, type: string, subject: string, round: number, i: number): number => {
  const digest = sha256Hex(canonicalText([runSeed, type, subject, round, i]))
  const high = Number.parseInt(digest.slice(0, 8), 16)
  const low = Number.parseInt(digest.slice(8, 16), 16)
  // 2³² ≡ 2 (mod 2³¹ − 1), and 2·high + low stays below 2⁵³: exact without BigInt.
  return (2 * high + low) % modulus
}

/**
 * What every order ascends by (a mix, the prompts of an RL step, the held-out tenth):
 * sha-256(JCS([run seed, stage, subject, round, i])). Compare as strings.
 */
export const orderKey = (runSeed: number, stage: string, subject: string, round: number, i: number): Digest =>
  sha256Hex(canonicalText([runSeed, stage, subject, round, i]))
