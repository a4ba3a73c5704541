/**
 * Which of the tests are significant when all of them together may err with a chance of `alpha` (Holm 1979): the
 * smallest p against alpha / m, the next against alpha / (m - 1), until one fails. null is no test, and stays null.
 */
export const holm = (
  ps: readonly (number | null)[],
  alpha: number,
): readonly (boolean | null)[] => {
  const tests = ps.flatMap((p, index) => (p === null ? [] : [{ p, index }]))
  const order = tests.toSorted((a, b) => a.p - b.p)
  const failing = order.findIndex(({ p }, rank) => !(p <= alpha / (order.length - rank)))
  const passing = failing === -1 ? order : order.slice(0, failing)
  const significant = new Set(passing.map(({ index }) => index))
  return ps.map((p, index) => (p === null ? null : significant.has(index)))
}
