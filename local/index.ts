export { offlineModel } from './offline-model.ts'
export { type Script, type ScriptedModel, type ScriptedTry, scripted } from './scripted-model.ts'
export {
  LOCAL_PASSWORD,
  LOCAL_USERS,
  type LocalCloud,
  type LocalOptions,
  type LocalUser,
  startLocal,
} from './start-local.ts'
