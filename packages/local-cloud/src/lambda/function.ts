import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Identity } from '../service.ts'
import type { Credentials } from '../signature-v4.ts'
import { Environment, type Outcome } from './environment.ts'
import { describeLoss, type LossReason, type OnInvocationLost } from './loss.ts'
import { Suspects } from './suspects.ts'
import type { ThreadLimits } from './watch-thread.ts'

/** A function as the template declares it. */
export interface FunctionSettings {
  functionName: string
  /** Folder of the bundled code. */
  codePath: string
  /** `file.export`, for example `index.handler`. */
  handler: string
  timeoutSeconds: number
  memoryMb: number
  environment: Record<string, string>
}

/** How often Lambda tries an asynchronous invocation again, and how old it may be by then. */
export interface AsyncInvokeSettings {
  maximumRetryAttempts: number
  maximumEventAgeMs: number
}

export interface FunctionHost {
  clock: Clock
  identity: Identity
  credentials: Credentials
  endpointUrl: () => string
  environmentPerInvocation: boolean
  unresponsiveSeconds: number
  onInvocationLost?: OnInvocationLost
  log: (functionName: string, line: string) => void
}

/** More threads at once than this would be a burden of their own. */
const maxOwnEnvironments = 32

/** An environment that many share: what a few large ones need, or one of its own size and room for the small. */
const sharedMb = (memoryMb: number) => Math.max(2 * memoryMb, 1024)

export interface FunctionOutcome extends Outcome {
  requestId: string
}

/** One function and its execution environments. */
export class LambdaFunction {
  readonly settings: FunctionSettings
  readonly arn: string
  /** Lambda's own defaults. */
  asyncInvoke: AsyncInvokeSettings = { maximumRetryAttempts: 2, maximumEventAgeMs: 6 * 3_600_000 }
  readonly #host: FunctionHost
  /** Those that take invocations: one at most, or one for each invocation that runs. */
  readonly #open = new Set<Environment>()
  /** All whose thread may still live, also one that only waits for its last invocation. */
  readonly #all = new Set<Environment>()
  readonly #suspects: Suspects
  #ownEnvironments = 0
  #coldStarts = Promise.resolve()

  constructor(settings: FunctionSettings, host: FunctionHost) {
    this.settings = settings
    this.arn = `arn:aws:lambda:${host.identity.region}:${host.identity.accountId}:function:${settings.functionName}`
    this.#host = host
    this.#suspects = new Suspects(host.clock)
  }

  /** Runs one invocation with `event` as JSON text. A failure of the function is an outcome, not a rejection. */
  async invoke(event: string): Promise<FunctionOutcome> {
    const requestId = randomUUID()
    await this.#suspects.untilNoTwin(event)
    const run =
      this.#suspects.has(event) && this.#ownEnvironments < maxOwnEnvironments ? this.#runAlone : this.#runShared
    return { ...(await run.call(this, requestId, event)), requestId }
  }

  #runShared(requestId: string, event: string): Promise<Outcome> {
    return this.#run(this.#takeEnvironment(), requestId, event)
  }

  /** In an environment for this invocation only, so that it is certain whose fault it is when the environment ends. */
  async #runAlone(requestId: string, event: string): Promise<Outcome> {
    this.#ownEnvironments++
    const running = this.#runInTurn(requestId, event)
    this.#suspects.follow(event, running)
    return running.finally(() => this.#ownEnvironments--)
  }

  // Many cold starts at once would take each other's time, and then all be too late.
  async #runInTurn(requestId: string, event: string): Promise<Outcome> {
    const earlier = this.#coldStarts
    const begun = earlier.then(() => {
      const environment = this.#create(true)
      const running = this.#run(environment, requestId, event)
      environment.retire()
      return { started: environment.started, running }
    })
    this.#coldStarts = begun.then(({ started }) => started)
    return (await begun).running
  }

  async #run(environment: Environment, requestId: string, event: string): Promise<Outcome> {
    const outcome = await environment.run(requestId, event)
    if (environment.isIdle && !this.#open.has(environment)) this.#all.delete(environment)
    if (outcome.lost) await this.#tellLoss(event, outcome.lost, environment.isOfOne)
    return outcome
  }

  /** Does the cold start now. */
  warm(): Promise<void> {
    return this.#takeEnvironment().started
  }

  /** Has all environments end what runs in them, and ends them. */
  async shutdown(): Promise<void> {
    await Promise.all([...this.#all].map((environment) => environment.shutdown()))
  }

  /** Ends all environments at once; what runs in them fails, and the next invocation gets a fresh one. */
  async kill(): Promise<void> {
    const environments = [...this.#all]
    this.#all.clear()
    await Promise.all(environments.map((environment) => environment.kill()))
  }

  #takeEnvironment(): Environment {
    for (const environment of this.#open) {
      if (!this.#host.environmentPerInvocation || environment.isIdle) return environment
    }
    const environment = this.#create(this.#host.environmentPerInvocation)
    this.#open.add(environment)
    return environment
  }

  #create(isForOne: boolean): Environment {
    const { functionName, codePath, handler, memoryMb, timeoutSeconds } = this.settings
    const logStream = `local/[$LATEST]${randomUUID().replaceAll('-', '')}`
    const environment = new Environment({
      clock: this.#host.clock,
      settings: { functionName, functionArn: this.arn, codePath, handler, memoryMb, logStream },
      environment: this.#variables(logStream),
      timeoutSeconds,
      limits: this.#limits(isForOne),
      log: (line) => this.#host.log(functionName, line),
      onEnd: () => {
        this.#open.delete(environment)
        if (environment.isIdle) this.#all.delete(environment)
      },
    })
    this.#all.add(environment)
    return environment
  }

  /** What ends an environment of many costs them little: they run again. One alone is taken for guilty, so it gets longer. */
  #limits(isForOne: boolean): ThreadLimits {
    const { memoryMb } = this.settings
    const seconds = this.#host.unresponsiveSeconds
    return isForOne ? { seconds: 2 * seconds, memoryMb } : { seconds, memoryMb: sharedMb(memoryMb) }
  }

  async #tellLoss(event: string, reason: LossReason, alone: boolean): Promise<void> {
    const { functionName } = this.settings
    if (!alone) this.#suspects.add(event)
    this.#host.log(
      functionName,
      `an environment ended under ${alone ? 'its invocation' : 'several invocations'}: ${describeLoss(reason)}`,
    )
    const environment = this.#variables('')
    try {
      await this.#host.onInvocationLost?.({ functionName, environment, event: JSON.parse(event), reason, alone })
    } catch (error) {
      this.#host.log(functionName, `what came of a lost invocation could not be told: ${error}`)
    }
  }

  #variables(logStream: string): Record<string, string> {
    const { functionName, codePath, handler, memoryMb, environment } = this.settings
    const { credentials, identity } = this.#host
    const { accessKeyId, secretAccessKey } = credentials
    const { region } = identity
    return {
      PATH: process.env.PATH ?? '',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_ENDPOINT_URL: this.#host.endpointUrl(),
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      LAMBDA_TASK_ROOT: codePath,
      _HANDLER: handler,
      ...environment,
    }
  }
}
