/** Things of one block together, in the order in which they come. */
export const byBlock = <T extends { readonly block: number }>(
  all: readonly T[],
): ReadonlyMap<number, readonly T[]> => {
  const blocks = new Map<number, T[]>()
  for (const one of all) {
    const block = blocks.get(one.block)
    if (block === undefined) blocks.set(one.block, [one])
    else block.push(one)
  }
  return blocks
}
