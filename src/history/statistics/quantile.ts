/**
 * The quantile of ascending values by linear interpolation between the two at q(n - 1) (Hyndman and Fan's type 7, as
 * NumPy, R and spreadsheets take it): the median of an even number is the mean of the middle two. NaN of nothing.
 */
export const quantileOfSorted = (sorted: Float64Array, q: number): number => {
  const place = q * (sorted.length - 1)
  const below = Math.floor(place)
  const share = place - below
  const low = sorted[below] ?? Number.NaN
  const high = sorted[below + 1] ?? low
  return low * (1 - share) + high * share
}
