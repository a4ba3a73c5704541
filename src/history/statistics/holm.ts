/**
 * Which of the tests are significant when all of them together may err with a chance of `alpha` (Holm 1979): the
 * smallest p against alpha / m, the next against alpha / (m - 1), until one fails.
 */
export const holm = (ps: readonly number[], alpha: number): readonly boolean[] => {
  const order = ps.map((_, index) => index).toSorted((a, b) => (ps[a] ?? 1) - (ps[b] ?? 1))
  const failing = order.findIndex(
    (index, rank) => !((ps[index] ?? 1) <= alpha / (ps.length - rank)),
  )
  const significant = new Set(failing === -1 ? order : order.slice(0, failing))
  return ps.map((_, index) => significant.has(index))
}
