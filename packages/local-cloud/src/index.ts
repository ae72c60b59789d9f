export { type Clock, ManualClock, systemClock } from './clock.ts'
export type { Faults } from './faults/faults.ts'
export { describeLoss, type InvocationLost } from './lambda/loss.ts'
export { type Cloud, type CloudOptions, type CloudUser, startCloud } from './start-cloud.ts'
