/** The part of jStat that is used here; the package brings no types. */
declare module 'jstat' {
  export const jStat: {
    readonly studentt: {
      /** P(T <= x) of Student's t distribution with `dof` degrees of freedom, which need not be whole. */
      readonly cdf: (x: number, dof: number) => number
    }
    readonly normal: {
      readonly cdf: (x: number, mean: number, deviation: number) => number
      readonly inv: (p: number, mean: number, deviation: number) => number
    }
  }
  const jstat: { readonly jStat: typeof jStat }
  export default jstat
}
