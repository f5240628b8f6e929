/** The user of the image, who exists on no machine. */
export const containerUser = { uid: 10001, gid: 10001 } as const

export const runsAsRoot = process.getuid?.() === 0

/** The command, run as the image's user where this process may change its user, else as it is. */
export function asContainerUser(command: readonly string[]): readonly string[] {
  if (!runsAsRoot) return command
  const { uid, gid } = containerUser
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs', ...command]
}

/**
 * The command as a container runs it: with this process's root, as process 1 of its own, on a
 * file system that is read-only but for the folders named. Without root, it is only the command.
 */
export function inContainer(
  command: readonly string[],
  { writable }: { readonly writable: readonly string[] },
): readonly string[] {
  if (!runsAsRoot) return command
  const mounts = writable.map((folder) => `mount --bind '${folder}' '${folder}'`)
  const script = [...mounts, 'mount -o remount,bind,ro /', 'exec "$@"'].join(' && ')
  const namespaces = ['--mount', '--pid', '--fork', '--mount-proc']
  return ['unshare', ...namespaces, 'sh', '-c', script, 'sh', ...asContainerUser(command)]
}
