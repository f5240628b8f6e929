import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const WRITE_WHEEL = `
import sys, zipfile
wheel, name, module, member = sys.argv[1:]
info = module + '-1.0.dist-info/'
with zipfile.ZipFile(wheel, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.write(member, module + '/model.bin')
    archive.writestr(module + '/__init__.py', 'raise SystemExit("never run")')
    archive.writestr(info + 'METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n')
    archive.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    archive.writestr(info + 'RECORD', '')
`

/** Writes a wheel that the real pip accepts and that carries `content`. */
export function writeWheel(folder: string, name: string, content: Buffer): void {
  mkdirSync(folder, { recursive: true })
  const module = name.replaceAll('-', '_')
  const member = join(folder, `${name}.bin`)
  writeFileSync(member, content)
  execFileSync('python3', [
    '-c',
    WRITE_WHEEL,
    join(folder, `${module}-1.0-py3-none-any.whl`),
    name,
    module,
    member,
  ])
}
