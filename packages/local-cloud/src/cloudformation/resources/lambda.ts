import { startEventSourceMapping } from '../../event-source-mappings/event-source-mappings.ts'
import type { Deployer } from '../resource.ts'

interface FunctionProperties {
  FunctionName?: string
  Code: { S3Key?: string; ZipFile?: string }
  Handler: string
  Timeout?: number
  MemorySize?: number
  Environment?: { Variables?: Record<string, string> }
}

const lambdaFunction: Deployer = async ({ logicalId, physicalName, properties, services, stack }) => {
  const { Code, Environment, FunctionName, Handler, MemorySize, Timeout } = properties as unknown as FunctionProperties
  if (!Code.S3Key) throw new Error(`the function ${logicalId} must have an asset as its code`)
  const functionName = FunctionName ?? physicalName
  const { functionArn } = await services.lambda.createFunction({
    functionName,
    codePath: stack.assetPath(Code.S3Key),
    handler: Handler,
    timeoutSeconds: Timeout ?? 3,
    memoryMb: MemorySize ?? 128,
    environment: Environment?.Variables ?? {},
  })
  return { ref: functionName, attributes: { Arn: functionArn } }
}

const eventSourceMapping: Deployer = async ({ physicalName, properties, services }) => ({
  ref: physicalName,
  attributes: { Id: physicalName },
  start() {
    const mapping = startEventSourceMapping(properties, services)
    services.onClose(() => mapping.stop())
    return mapping.started
  },
})

/** How often a failed asynchronous invocation is tried again; `unsupported` refuses what it may ask for beside that. */
const eventInvokeConfig: Deployer = async ({ physicalName, properties, services }) => {
  const { FunctionName, MaximumEventAgeInSeconds = 21_600, MaximumRetryAttempts = 2 } = properties
  services.lambda.configureAsyncInvoke(String(FunctionName), {
    maximumRetryAttempts: Number(MaximumRetryAttempts),
    maximumEventAgeMs: Number(MaximumEventAgeInSeconds) * 1000,
  })
  return { ref: physicalName }
}

export const lambdaResources: Record<string, Deployer> = {
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
}
