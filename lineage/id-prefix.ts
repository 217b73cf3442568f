import type { Meta } from '../events/event.ts'

/** The smallest and the largest digest that start with some digits. */
export const boundsOf = (digits: string): [Buffer, Buffer] => [
  Buffer.from(digits.padEnd(64, '0'), 'hex'),
  Buffer.from(digits.padEnd(64, 'f'), 'hex'),
]

export const timeOf = (meta: Meta): string | undefined => meta['ce_time']
