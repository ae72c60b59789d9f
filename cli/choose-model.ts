import { checkModel, type ModelAnswerer, modelAnswerer, parseModel } from '@agent-jobs/local-cloud/bedrock'
import { offlineModel } from '../local/offline-model.ts'

/** The answerer that `--model` names; throws when the option is wrong or the model's server does not answer. */
export async function chooseModel(text: string): Promise<ModelAnswerer> {
  const choice = parseModel(text)
  const missing = await checkModel(choice)
  if (missing) throw new Error(missing)
  return modelAnswerer(choice, offlineModel())
}
