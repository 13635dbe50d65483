/**
 * For people who deploy without CDK: a template that needs no bootstrapped account. Where its assets lie is a parameter
 * (a bucket and what stands before their names), and each asset's name says what is in it, so that a change of code is a
 * change of the template.
 */
import {
  CfnParameter,
  type DockerImageAssetLocation,
  type FileAssetLocation,
  FileAssetPackaging,
  type FileAssetSource,
  Fn,
  type ISynthesisSession,
  StackSynthesizer,
} from 'aws-cdk-lib';

/** A folder that is to lie in the bucket as a zip of this name. */
export interface PlainAsset {
  readonly zip: string;
  /** Relative to the cloud assembly. */
  readonly folder: string;
}

export const bucketParameter = 'AssetsBucket';
export const prefixParameter = 'AssetsPrefix';

export class PlainSynthesizer extends StackSynthesizer {
  private readonly known = new Map<string, PlainAsset>();
  private location: { readonly bucket: string; readonly prefix: string } | undefined;

  get assets(): readonly PlainAsset[] {
    return [...this.known.values()];
  }

  override addFileAsset({ fileName, packaging, sourceHash }: FileAssetSource): FileAssetLocation {
    if (fileName === undefined || packaging !== FileAssetPackaging.ZIP_DIRECTORY) {
      throw new Error(`The asset ${fileName ?? sourceHash} is no folder: a plain template can carry folders only`);
    }
    const zip = `${sourceHash}.zip`;
    this.known.set(zip, { zip, folder: fileName });
    this.location ??= this.parameters();
    const { bucket, prefix } = this.location;
    const objectKey = Fn.join('', [prefix, zip]);
    return {
      bucketName: bucket,
      objectKey,
      httpUrl: Fn.join('', [
        'https://s3.',
        Fn.ref('AWS::Region'),
        '.',
        Fn.ref('AWS::URLSuffix'),
        '/',
        bucket,
        '/',
        objectKey,
      ]),
      s3ObjectUrl: Fn.join('', ['s3://', bucket, '/', objectKey]),
    };
  }

  override addDockerImageAsset(): DockerImageAssetLocation {
    throw new Error('A plain template can carry no container image');
  }

  override synthesize(session: ISynthesisSession): void {
    this.synthesizeTemplate(session);
    this.emitArtifact(session);
  }

  private parameters(): { bucket: string; prefix: string } {
    const bucket = new CfnParameter(this.boundStack, bucketParameter, {
      description: 'The bucket, in the region of this stack, that the assets were copied to',
      allowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    });
    const prefix = new CfnParameter(this.boundStack, prefixParameter, {
      description: 'What stands before their names there: empty, or a folder with its slash at the end',
      default: '',
      allowedPattern: '^([^/]+/)*$',
    });
    return { bucket: bucket.valueAsString, prefix: prefix.valueAsString };
  }
}
