import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk of its own, made of memory. */
export interface SmallDisk {
  readonly folder: string
  /** Takes all the room but so many bytes. */
  fill(leaveBytes: number): Promise<void>
  /** Gives it back. */
  empty(): Promise<void>
  remove(): Promise<void>
}

/** Whether this machine lets the tests mount one. */
export const mountsDisks = canMount()

export async function smallDisk(bytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'costeer-disk-'))
  mount(folder, bytes)
  const filler = join(folder, 'filler')
  return {
    folder,
    async fill(leaveBytes) {
      const { bavail, bsize } = await statfs(folder)
      await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)))
    },
    empty: () => rm(filler),
    async remove() {
      run('umount', folder)
      await rm(folder, { recursive: true })
    },
  }
}

function mount(folder: string, bytes: number): void {
  run('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder)
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    run('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt')
    return true
  } catch {
    return false
  }
}

function run(command: string, ...parameters: string[]): void {
  execFileSync(command, parameters, { stdio: 'ignore' })
}
