/** A place in a trie: letters with which a form begins. */
export type TrieNode = number

/** A form that ends at a node. */
export interface FormEnd {
  /** Its index. */
  readonly form: number
  readonly needsBorder: boolean
  /** Behind how many letters a word of the form ends; null where words are not told apart. */
  readonly wordEnds: readonly number[] | null
}

/** Letters are code points; what else a node has stands beside the first that goes on from it. */
const LETTER = 2 ** 21 - 1
const BRANCHES = 1 << 21
const ENDS = 1 << 22

const noEnds: readonly FormEnd[] = []

/**
 * Forms by their letters, of which there may be millions. A node is a number. The first letter that goes on
 * from it leads to the node behind it, and only others are looked up: so a letter takes four bytes, and what
 * takes more is where forms branch off and end.
 */
export class FormTrie {
  #nodes = new Uint32Array(64)
  #length = 0
  /** Where other letters lead, by letter and node: no map grows so large that to grow takes it long. */
  readonly #branches = new Map<number, Map<TrieNode, TrieNode>>()
  readonly #ends = new Map<TrieNode, FormEnd[]>()
  /** The same list for all forms whose words end alike. */
  readonly #wordEnds = new Map<string, readonly number[]>()

  /** Adds a node from which no form goes on yet. */
  root(): TrieNode {
    if (this.#length === this.#nodes.length) {
      const larger = new Uint32Array(2 * this.#length)
      larger.set(this.#nodes)
      this.#nodes = larger
    }
    return this.#length++
  }

  /** How many nodes there are. */
  get size(): number {
    return this.#length
  }

  /** How many of them are looked up. */
  get branches(): number {
    return [...this.#branches.values()].reduce((sum, { size }) => sum + size, 0)
  }

  insert(root: TrieNode, letters: string, end: FormEnd): void {
    let node = root
    for (const letter of letters) node = this.next(node, letter) ?? this.#grow(node, letter)
    const { form, needsBorder, wordEnds } = end
    const own = { form, needsBorder, wordEnds: wordEnds && this.#shared(wordEnds) }
    const others = this.#ends.get(node)
    if (others === undefined) this.#ends.set(node, [own])
    else others.push(own)
    this.#mark(node, ENDS)
  }

  /** The node behind one more letter; undefined where no form goes on so. */
  next(node: TrieNode, letter: string): TrieNode | undefined {
    const own = this.#nodes[node] as number
    const code = letter.codePointAt(0) as number
    if ((own & LETTER) === code) return node + 1
    return (own & BRANCHES) === 0 ? undefined : this.#branches.get(code)?.get(node)
  }

  /** Whether forms go on from a node. */
  goesOn(node: TrieNode): boolean {
    return ((this.#nodes[node] as number) & (LETTER | BRANCHES)) !== 0
  }

  /** The forms that end at a node, in the order in which they came. */
  ends(node: TrieNode): readonly FormEnd[] {
    return ((this.#nodes[node] as number) & ENDS) === 0 ? noEnds : (this.#ends.get(node) ?? noEnds)
  }

  #grow(node: TrieNode, letter: string): TrieNode {
    const code = letter.codePointAt(0) as number
    const grown = this.root()
    if (grown === node + 1) {
      this.#mark(node, code)
    } else {
      const alike = this.#branches.get(code)
      if (alike === undefined) this.#branches.set(code, new Map([[node, grown]]))
      else alike.set(node, grown)
      this.#mark(node, BRANCHES)
    }
    return grown
  }

  #mark(node: TrieNode, bits: number): void {
    this.#nodes[node] = (this.#nodes[node] as number) | bits
  }

  #shared(wordEnds: readonly number[]): readonly number[] {
    const key = wordEnds.join()
    const known = this.#wordEnds.get(key)
    if (known !== undefined) return known
    this.#wordEnds.set(key, wordEnds)
    return wordEnds
  }
}
