import { App, DefaultStackSynthesizer, Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import cdkJson from '../../cdk.json' with { type: 'json' }
import { AgentJobsStack } from '../../lib/agent-jobs-stack.ts'
import { LEFT_OUT } from './left-out.ts'

/** The product's stack as the proof deploys it: the context says what of it, and how it differs from one deploy to the next. */
const app = new App({ context: cdkJson.context, analyticsReporting: false })
const setting = (name: string): string | undefined => app.node.tryGetContext(name)
const [normal, retentionDays, removalPolicy] = [
  setting('normal'),
  setting('retentionDays'),
  setting('removalPolicy') as keyof typeof RemovalPolicy | undefined,
]

const stack = new AgentJobsStack(app, setting('stack') as string, {
  // With an account, CDK refuses the credentials of another.
  env: setting('account') === undefined ? undefined : { account: setting('account'), region: setting('region') },
  synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  agents: 'test/deploy/proof-agents.ts',
  modelId: setting('modelId'),
  maxConcurrency: normal === undefined ? undefined : { normal: Number(normal) },
  resultRetention: retentionDays === undefined ? undefined : Duration.days(Number(retentionDays)),
  removalPolicy: removalPolicy && RemovalPolicy[removalPolicy],
})

const { runJob } = stack.jobs.functions
const modelUrl = setting('modelUrl')
if (modelUrl) runJob.addEnvironment('AWS_ENDPOINT_URL_BEDROCK_RUNTIME', modelUrl)
const denied = setting('deny')
if (denied) {
  runJob.addToRolePolicy(new PolicyStatement({ effect: Effect.DENY, actions: [denied], resources: ['*'] }))
}
if (setting('emulator') === 'ministack') for (const { from } of LEFT_OUT) from(stack)
