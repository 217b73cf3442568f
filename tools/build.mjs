// Compiles the sources to dist/. Run by `npm ci` (prepare), so that `npx hansard` works at once.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

if (!existsSync(tsc)) {
  // Installed as a dependency, without development packages: dist/ came with the package.
  process.exit(0)
}
// The first `npx hansard` links the clone into npm's cache and runs this once more: what npm ci built is enough.
if (process.env.npm_command === 'exec' && existsSync(join(root, 'dist', 'core', 'cli.js'))) process.exit(0)
mkdirSync(join(root, 'dist'), { recursive: true })
// The packages in examples/ import `hansard` by its name, as a plugin's author does.
const self = join(root, 'node_modules', 'hansard')
if (!existsSync(self)) symlinkSync(root, self, 'junction')
const result = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(result.status ?? 1)
