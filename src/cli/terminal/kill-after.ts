import { spawn } from 'node:child_process'

const WATCHER = `setTimeout(() => { try { process.kill(Number(process.argv[1]), 'SIGKILL') } catch {} process.exit() },
Number(process.argv[2])); process.stdin.on('error', () => process.exit()).on('end', () => process.exit()).resume()`

/**
 * Kills this process (SIGKILL) after `ms` unless it has ended by then, whatever it hangs in. A process of its
 * own does that: a timer stops with the event loop, and the exit of a process ends worker threads before it
 * waits, without limit, for the threads in which Node opens files.
 */
export function killAfter(ms: number): void {
  const kill = () => process.kill(process.pid, 'SIGKILL')
  // Where no process can be started.
  setTimeout(kill, ms)
  const watcher = spawn(process.execPath, ['-e', WATCHER, String(process.pid), String(ms)], {
    env: {},
    // The end of this process closes the pipe, which ends the watcher.
    stdio: ['pipe', 'ignore', 'ignore'],
    // A signal to the terminal's group is not for it.
    detached: true,
    windowsHide: true,
  })
  watcher.on('error', () => {})
  watcher.stdin.on('error', () => {})
  watcher.unref()
}
