/** `util.math` */
export const math = {
  roundNum: (value: number) => Math.round(value),
  minVal: (a: number, b: number) => Math.min(a, b),
  maxVal: (a: number, b: number) => Math.max(a, b),
  randomDouble: () => Math.random(),
  randomWithinRange: (low: number, high: number) => Math.floor(low + Math.random() * (high - low)),
}
