import { App, DefaultStackSynthesizer } from 'aws-cdk-lib'
import cdkJson from '../cdk.json' with { type: 'json' }
import { AgentJobsStack } from '../lib/agent-jobs-stack.ts'

// The flags of cdk.json again, so that `node bin/app.ts` without the CDK CLI makes the template that `cdk deploy` ships.
const app = new App({ context: cdkJson.context, analyticsReporting: false })
const maxConcurrency: unknown = app.node.tryGetContext('maxConcurrency')

// No account and no region: one template for every account, and `cdk synth` needs no credentials.
new AgentJobsStack(app, 'AgentJobs', {
  description: 'Agent Jobs: LLM-agent work without time-outs, pushed live to its users.',
  // The CLI checks the bootstrap version itself; the rule would only add a parameter to the template.
  synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  agents: app.node.tryGetContext('agents') ?? 'agents/index.ts',
  modelId: app.node.tryGetContext('modelId'),
  maxConcurrency: maxConcurrency === undefined ? undefined : Number(maxConcurrency),
  previousModelIds: app.node.tryGetContext('previousModelIds')?.split(','),
  marketplaceSubscription: app.node.tryGetContext('marketplaceSubscription') === 'true',
})
