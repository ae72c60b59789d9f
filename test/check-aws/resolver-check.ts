import type { Aws } from '../../cli/doctor/aws.ts'
import { type Finding, fine, wrong } from '../../cli/doctor/finding.ts'
import { SAMPLES } from './resolver-contexts.ts'

interface Evaluation {
  evaluationResult?: string
  error?: { message?: string; codeErrors?: { errorType?: string; value?: string; location?: { line?: number } }[] }
}

/** Has AWS's own runtime run both functions of one code, without an API: `appsync:EvaluateCode`. */
export async function checkResolver(aws: Aws, address: string, code: string): Promise<Finding> {
  const sample = SAMPLES[address]
  if (!sample) return wrong('there is no sample context for it', 'Write one in test/check-aws/resolver-contexts.ts.')
  const notes: string[] = []
  for (const name of ['request', 'response'] as const) {
    const { error } = await evaluate(aws, code, name, sample[name])
    if (!error) continue
    const { codeErrors = [], message = 'no message' } = error
    // EvaluateCode takes whoever calls for one with an API key (aws-appsync-community#383), and so no backend.
    if (codeErrors.length === 0 && /unauthorized/i.test(message) && 'userArn' in (sample.request.identity as object)) {
      notes.push(`${name} runs, and denies a caller that is not the backend`)
      continue
    }
    const places = codeErrors.map(({ errorType, location, value }) => `${errorType} line ${location?.line}: ${value}`)
    return wrong(
      `${name}: ${[message, ...places].join('; ')}`,
      'Where the message is of ctx.env, EvaluateCode may not know it; else mend the code, or the sample context in ' +
        'test/check-aws/resolver-contexts.ts.',
    )
  }
  return fine(`${code.length} characters${notes.length > 0 ? `; ${notes.join('; ')}` : ', both functions run'}`)
}

async function evaluate(aws: Aws, code: string, name: string, context: object): Promise<Evaluation> {
  const text = await aws.ask({
    service: 'appsync',
    method: 'POST',
    path: '/v1/dataplane-evaluatecode',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      runtime: { name: 'APPSYNC_JS', runtimeVersion: '1.0.0' },
      code,
      context: JSON.stringify(context),
      function: name,
    }),
  })
  return JSON.parse(text)
}
