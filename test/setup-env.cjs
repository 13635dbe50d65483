// The built-in CloudFormation validator (WASM, 1-2 s) starts once per test file: on only where a test asks for it.
process.env.CDK_VALIDATION ??= 'false';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
// Clients are built in unit tests but never reach a network.
process.env.AWS_REGION ??= 'eu-central-1';
process.env.AWS_ACCESS_KEY_ID ??= 'x';
process.env.AWS_SECRET_ACCESS_KEY ??= 'x';
// What jest.config.mjs gives these processes is not for the programs that tests start.
delete process.env.NODE_OPTIONS;
