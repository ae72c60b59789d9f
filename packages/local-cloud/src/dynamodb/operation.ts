import type { Input, Output } from './dynalite.ts'
import type { Tables } from './tables.ts'

/** One AWS operation; `input` is as it came, unchecked. */
export type Operation = (tables: Tables, input: Input) => Output | Promise<Output>
