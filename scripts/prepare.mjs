// Makes a fresh clone runnable: installs dependencies and compiles, each only when
// something has changed since.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
function changed(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0
}
function npm(...parameters) {
  return execFileSync('npm', parameters, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
}

const installed = join(root, 'node_modules/.package-lock.json')
if (changed(installed) < changed(join(root, 'package-lock.json'))) {
  console.log('Installing dependencies …')
  npm('ci', '--no-audit', '--no-fund')
}

const sources = ['src', 'web']
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => changed(join(entry.parentPath, entry.name)))
// The page is built last.
const stamp = join(root, 'dist/web/index.html')
if (changed(stamp) < Math.max(...sources, changed(join(root, 'tsconfig.build.json')), changed(installed))) {
  console.log('Compiling …')
  npm('run', '--silent', 'build')
}
