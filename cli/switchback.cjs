#!/usr/bin/env node
// The command: TypeScript straight from the tree. Node's SDK notice would stand above every answer; see docs/decisions.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
require('tsx/cjs');
require('./main.ts');
