import { planDay } from '../../agents/plan-day.ts'
import type { Aws } from '../../cli/doctor/aws.ts'
import { type Finding, fine } from '../../cli/doctor/finding.ts'
import example from '../../examples/planDay.json' with { type: 'json' }
import { createBedrockModel } from '../../sdk/bedrock/bedrock-model.ts'

const MINUTES = 3

/** Runs the agent planDay as run-job does, on its example: one streamed call with its own tool, limits and settings. */
export async function checkPlanDay({ bedrock: client }: Aws, modelId: string): Promise<Finding> {
  const began = performance.now()
  let emitted = 0
  const output = await planDay.run(planDay.input.parse(example), {
    id: 'check-aws',
    queryType: planDay.name,
    attempt: 1,
    resumed: undefined,
    signal: AbortSignal.timeout(MINUTES * 60_000),
    model: createBedrockModel({ modelId, client }),
    emit: (text) => {
      emitted += text.length
    },
    progress() {},
    partial() {},
    event() {},
    checkpoint: async () => {},
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  return fine(`${JSON.stringify(output).length} characters of result and ${emitted} of text in ${seconds} s`)
}
