/**
 * DynamoDB streams: each change of a streamed table becomes a record for every event source mapping that takes it.
 *
 * One shard per table, stricter than AWS, which starts an on-demand table with about four: order holds for all keys.
 */

import type { Random } from '../../random';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';
import { EventSourceMapping, type MappingOptions, type StreamRecord } from '../lambda/event-source-mapping';
import type { ItemChange } from './dynamodb';

export interface StreamsOptions extends MappingOptions {
  readonly random: Random;
  readonly onRecord?: (record: StreamRecord, copies: number) => void;
}

export class Streams {
  private mappings: EventSourceMapping[] = [];
  private tables: ReadonlyMap<string, Resource> = new Map();
  private sequence = 100_000_000_000;

  constructor(private options: StreamsOptions) {
    this.redeploy(options.template);
  }

  redeploy(template: Template): void {
    this.options = { ...this.options, template };
    const tables = template.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
    this.tables = new Map(tables.map((table) => [table.name, table]));
    this.mappings = template.ofType('AWS::Lambda::EventSourceMapping').map((resource) => {
      const known = this.mappings.find(({ logicalId }) => logicalId === resource.logicalId);
      known?.redeploy(resource, template);
      return known ?? new EventSourceMapping(resource, this.options);
    });
  }

  /** A table changed: the record joins every mapping of its stream. */
  append(change: ItemChange): void {
    const { clock, faults, random, template } = this.options;
    const table = this.tables.get(change.table)!;
    const view = String(
      (table.properties['StreamSpecification'] as JsonObject)['StreamViewType'] ?? 'NEW_AND_OLD_IMAGES',
    );
    const { oldImage, newImage, text } = change;
    const record: StreamRecord = {
      eventID: random.uuid().replaceAll('-', ''),
      eventName: oldImage === undefined ? 'INSERT' : newImage === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: template.region,
      eventSourceARN: table.attributes['StreamArn']!,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(clock.now() / 1_000),
        Keys: change.keys,
        ...(newImage !== undefined && view.includes('NEW') && { NewImage: newImage }),
        ...(oldImage !== undefined && view.includes('OLD') && { OldImage: oldImage }),
        SequenceNumber: String(this.sequence++),
        SizeBytes: text.length,
        StreamViewType: view,
      },
    };
    for (const mapping of this.mappings) {
      if (!mapping.takes(record)) continue;
      const copies = faults.deliveries('stream');
      this.options.onRecord?.(record, copies);
      for (let copy = 0; copy < copies; copy++) mapping.enqueue({ record, at: clock.now() });
    }
  }

  /** Switches every mapping, as `update-event-source-mapping` does. */
  switch(on: boolean): void {
    for (const mapping of this.mappings) mapping.switch(on);
  }

  /** By the id that `Ref` gives. */
  mapping(uuid: string): EventSourceMapping | undefined {
    return this.mappings.find((mapping) => mapping.uuid === uuid);
  }

  /** The streams that somebody reads, as DynamoDB's metrics name them. */
  read(): { readonly TableName: string; readonly StreamLabel: string }[] {
    return [...this.tables.values()].flatMap(({ name, attributes }) => {
      const arn = attributes['StreamArn'] ?? '';
      return this.mappings.some((mapping) => mapping.isEnabled && mapping.reads(arn))
        ? [{ TableName: name, StreamLabel: arn.split('/')[3]! }]
        : [];
    });
  }

  /** All shards are closed now, and their successors not found yet. */
  rollOver(): void {
    for (const mapping of this.mappings) mapping.rollOver(this.options.clock.now());
  }

  /** Records that wait for a function, over all mappings. */
  get waiting(): number {
    return this.mappings.reduce((sum, mapping) => sum + mapping.waiting, 0);
  }
}
