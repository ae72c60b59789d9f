import { configurationOf } from './get-function.ts'
import type { Operation } from './routes.ts'

export const listFunctions: Operation = async (state) => {
  const functions = [...state.functions.values()].map(configurationOf)
  return { statusCode: 200, body: JSON.stringify({ Functions: functions }) }
}
