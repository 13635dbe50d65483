/**
 * Systems Manager's Parameter Store, as far as we use it: plain texts by name, the standard tier. A name that nobody
 * wrote is no error to GetParameters, it is listed as invalid.
 */
import type { GetParametersCommandInput, PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { AwsError, NotModelled } from '../../service';

interface Parameter {
  readonly value: string;
  readonly version: number;
  readonly writtenAt: number;
}

const namesMax = 10;
const standardBytesMax = 4_096;

export class Parameters {
  readonly byName = new Map<string, Parameter>();

  constructor(private readonly now: () => number) {}

  get({ Names = [] }: Partial<GetParametersCommandInput>): object {
    if (Names.length > namesMax)
      throw new AwsError(
        'ValidationException',
        `Value at 'names' failed to satisfy constraint: Member must have length less than or equal to ${namesMax}`,
      );
    const wanted = [...new Set(Names)];
    return {
      Parameters: wanted.flatMap((Name) => {
        const found = this.byName.get(Name);
        if (found === undefined) return [];
        const { value, version, writtenAt } = found;
        const dated = { Version: version, LastModifiedDate: new Date(writtenAt) };
        return [{ Name, Type: 'String', Value: value, DataType: 'text', ...dated }];
      }),
      InvalidParameters: wanted.filter((name) => !this.byName.has(name)),
    };
  }

  put({ Name = '', Value = '', Type, Overwrite, Tier = 'Standard' }: Partial<PutParameterCommandInput>): object {
    if (Tier !== 'Standard') throw new NotModelled('ssm', `parameters of tier ${Tier}`);
    if (!/^(\/[\w.-]+)+$/.test(Name) || /^\/(aws|ssm)/i.test(Name))
      throw new AwsError('ValidationException', `Parameter name: ${Name} is not a path of our own.`);
    const before = this.byName.get(Name);
    if (before !== undefined && Overwrite !== true)
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set Overwrite.',
      );
    if (before === undefined && Type === undefined)
      throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
    if (Type !== undefined && Type !== 'String') throw new NotModelled('ssm', `parameters of type ${Type}`);
    if (Value === '' || Buffer.byteLength(Value) > standardBytesMax)
      throw new AwsError('ValidationException', `A standard parameter holds 1 to ${standardBytesMax} bytes.`);
    const version = (before?.version ?? 0) + 1;
    this.byName.set(Name, { value: Value, version, writtenAt: this.now() });
    return { Version: version, Tier };
  }
}
