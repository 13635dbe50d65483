/** The list that needs no CDK is CDK's: a region opened since would be refused, one made up would be taken. */
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { regions } from '../../../config/regions';

it('is the list of the partition aws', () => {
  const known = RegionInfo.regions.filter(({ partition }) => partition === 'aws').map(({ name }) => name);
  expect([...regions]).toEqual(known.sort());
});
