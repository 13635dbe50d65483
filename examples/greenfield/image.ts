/**
 * Prints the user data of an instance to make a gateway image of: `npx tsx examples/greenfield/image.ts > image.sh`.
 * What to do with it is in README.md.
 */
import { imageScript } from '../../infra/greenfield/boot-script';
import { software } from './app';

process.stdout.write(imageScript({ software, region: 'eu-central-1', urlSuffix: 'amazonaws.com' }));
