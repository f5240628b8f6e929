import * as nodeFiles from 'node:fs/promises'

/**
 * The file operations that writing profiles needs, injectable so that a test can stop between any two of
 * them.
 */
export type FileOperations = Pick<
  typeof nodeFiles,
  'copyFile' | 'link' | 'lstat' | 'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'rm'
>

export const systemFiles: FileOperations = nodeFiles
