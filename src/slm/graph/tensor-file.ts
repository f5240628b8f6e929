import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { TensorLocation } from './onnx-graph.ts'

/** Page size: tensors that start on a page can be mapped into memory as they lie. */
const ALIGNMENT = 4096

/** The file that holds a graph's weights, written front to back. */
export class TensorFile {
  readonly #file: FileHandle
  readonly #name: string
  #end = 0

  private constructor(file: FileHandle, name: string) {
    this.#file = file
    this.#name = name
  }

  /** Creates or empties the file at `path`. */
  static async create(path: string): Promise<TensorFile> {
    return new TensorFile(await open(path, 'w'), basename(path))
  }

  /** Writes a tensor of `length` bytes at the next page, whose bytes come in `parts`. */
  async append(parts: Iterable<ArrayBufferView> | AsyncIterable<ArrayBufferView>): Promise<TensorLocation> {
    const offset = Math.ceil(this.#end / ALIGNMENT) * ALIGNMENT
    let position = offset
    for await (const part of parts) {
      const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position)
        done += bytesWritten
        position += bytesWritten
      }
    }
    this.#end = position
    return { file: this.#name, offset, length: position - offset }
  }

  /** Waits until the bytes are on disk. */
  async sync(): Promise<void> {
    await this.#file.sync()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}
