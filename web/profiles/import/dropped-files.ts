/** What may hold a user's own texts, by its name: mailboxes often have no ending. */
const READABLE = /(?:^|\/)[^./][^/]*\.(?:txt|text|md|markdown|eml|mbox|json|zip)$|(?:^|\/)[^./]+$/i

/** The files of a folder that are worth reading. */
export function readable(files: readonly File[]): readonly File[] {
  return files.filter(({ name, size }) => size > 0 && READABLE.test(name))
}

/** All that was dropped: files, and those within folders that are worth reading. */
export async function droppedFiles({ items }: DataTransfer): Promise<readonly File[]> {
  // Both must be asked for before the event is over.
  const dropped = Array.from(items, (item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
  const within = await Promise.all(
    dropped.map(async ({ entry, file }) => {
      if (entry !== null && isFolder(entry)) return readable(await filesOf(entry))
      return file === null ? [] : [file]
    }),
  )
  return within.flat()
}

async function filesOf(entry: FileSystemEntry): Promise<readonly File[]> {
  if (isFile(entry)) return [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))]
  if (!isFolder(entry)) return []
  const reader = entry.createReader()
  const files: File[] = []
  for (;;) {
    // A folder is told in parts; an empty one is its end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (part.length === 0) return files
    for (const child of part) files.push(...(await filesOf(child)))
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}
function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
