import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { dataFile } from '../../../../plugins/models/pocket/data-file.ts'
import { Kernel } from '../../../../plugins/models/pocket/kernel/kernel.ts'
import { integerBelow, randomFrom } from '../../../../plugins/models/pocket/random.ts'

const random = randomFrom(1)
const kernel = new Kernel()
const k = kernel.run

function filled(count: number): { address: number; values: Float32Array } {
  const address = kernel.allocate(count)
  const values = Float32Array.from({ length: count }, () => random() - 0.5)
  kernel.floats(address, count).set(values)
  return { address, values }
}

test('building the kernel again gives the committed bytes', async () => {
  const builder = new URL('../../../../plugins/models/pocket/kernel/build.mjs', import.meta.url)
  const { buildKernel } = (await import(builder.href)) as { buildKernel: () => Promise<Uint8Array> }
  const built = Buffer.from(await buildKernel())
  expect(built.equals(readFileSync(dataFile('kernel', 'kernel.wasm')))).toBe(true)
})

test('the kernel uses no relaxed SIMD and asks nothing of its host', () => {
  const bytes = readFileSync(dataFile('kernel', 'kernel.wasm'))
  // Relaxed SIMD is prefix 0xfd with opcodes from 0x100 on, so with a second byte of 0x80 … 0x93 and then 0x02.
  for (let i = 0; i + 2 < bytes.length; i++) {
    const isRelaxed = bytes[i] === 0xfd && (bytes[i + 1] as number) >= 0x80 && bytes[i + 2] === 0x02
    expect(isRelaxed).toBe(false)
  }
  expect(bytes.includes('abort')).toBe(false)
})

test('exp and log are right to the last digits', () => {
  for (let i = 0; i < 2000; i++) {
    const x = 80 * (random() - 0.5)
    expect(Math.abs(k.exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-14)
    expect(Math.abs(k.log(k.exp(x)) - x)).toBeLessThan(1e-13)
  }
  expect(k.log(1)).toBe(0)
})

test('the rotary tables are cosines and sines', () => {
  const cos = kernel.allocate(112 * 12)
  const sin = kernel.allocate(112 * 12)
  k.ropeTables(112, 24, cos, sin)
  const tables = [kernel.floats(cos, 112 * 12), kernel.floats(sin, 112 * 12)]
  for (let t = 0; t < 112; t++) {
    for (let j = 0; j < 12; j++) {
      const angle = t / 10000 ** ((2 * j) / 24)
      expect(tables[0]?.[t * 12 + j]).toBeCloseTo(Math.cos(angle), 6)
      expect(tables[1]?.[t * 12 + j]).toBeCloseTo(Math.sin(angle), 6)
    }
  }
})

test('products of any size agree with the definition, and a row does not depend on the number of rows', () => {
  for (let trial = 0; trial < 20; trial++) {
    const [rows, columns, depth] = [
      1 + integerBelow(random, 90),
      1 + integerBelow(random, 40),
      1 + integerBelow(random, 50),
    ]
    const a = filled(rows * depth)
    const b = filled(depth * columns)
    const strips = kernel.allocate(depth * (columns + 8))
    const c = kernel.allocate(rows * columns)
    const scratch = kernel.allocate(64 * depth)
    const turned = trial % 2 === 1
    const at = (i: number, l: number): number => a.values[turned ? l * rows + i : i * depth + l] as number
    k.packAcross(b.address, columns, depth, columns, 8, strips)
    k.multiply(
      rows,
      columns,
      depth,
      a.address,
      turned ? rows : depth,
      turned,
      strips,
      c,
      columns,
      false,
      scratch,
    )
    const result = kernel.floats(c, rows * columns).slice()
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0
        for (let l = 0; l < depth; l++) sum += at(i, l) * (b.values[l * columns + j] as number)
        expect(result[i * columns + j]).toBeCloseTo(sum, 4)
      }
    }
    if (turned) continue
    const last = rows - 1
    k.multiply(
      1,
      columns,
      depth,
      a.address + 4 * last * depth,
      depth,
      false,
      strips,
      c,
      columns,
      false,
      scratch,
    )
    expect(kernel.floats(c, columns)).toEqual(result.subarray(last * columns))
  }
})

test('both ways of packing give the same strips', () => {
  for (const [depth, count, width] of [
    [7, 13, 4],
    [24, 9, 8],
    [5, 3, 8],
  ] as const) {
    const matrix = filled(depth * count)
    const turned = kernel.allocate(depth * count)
    const turnedValues = kernel.floats(turned, depth * count)
    for (let d = 0; d < depth; d++) {
      for (let j = 0; j < count; j++) turnedValues[j * depth + d] = matrix.values[d * count + j] as number
    }
    const size = depth * (count + 8)
    const across = kernel.allocate(size)
    const along = kernel.allocate(size)
    k.packAcross(matrix.address, count, depth, count, width, across)
    k.packAlong(turned, depth, depth, count, width, along)
    const filledSize = depth * Math.ceil(count / width) * width
    expect(kernel.floats(along, filledSize)).toEqual(kernel.floats(across, filledSize))
  }
})
