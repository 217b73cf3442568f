/**
 * Builds kernel.wasm from the AssemblyScript beside it. The bytes are committed and part of the model's
 * identity: a test builds them again and compares. Run with `npm run kernel`.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const here = dirname(fileURLToPath(import.meta.url))

/** Compiles the kernel in memory and returns its bytes. Plain SIMD only: relaxed SIMD may differ between CPUs. */
export async function buildKernel() {
  let binary
  let messages = ''
  const { error } = await asc.main(
    [
      'assembly/index.ts',
      '--outFile=kernel.wasm',
      '--optimizeLevel=3',
      '--shrinkLevel=0',
      '--noAssert',
      '--runtime=stub',
      '--use=abort=',
      '--enable=simd',
      '--enable=bulk-memory',
      `--baseDir=${here}`,
    ],
    {
      stderr: { write: (text) => (messages += text) },
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) binary = contents
      },
    },
  )
  if (error || !binary) throw new Error(`The kernel does not compile:\n${messages}`, { cause: error })
  return binary
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await buildKernel()
  writeFileSync(join(here, 'kernel.wasm'), bytes)
  process.stdout.write(`kernel.wasm: ${bytes.length} bytes\n`)
}
