import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { type AttributionTeamCatalog, TeamRows } from './attribution-team-catalog';
import type { ILedgerStore } from './ledger-store';
import { type Permission, readPermissions } from './query-statements';

/**
 * Options for folders of a bucket that are read.
 */
export interface AnalystFoldersOptions {
  /**
   * The key that the files are encrypted with.
   *
   * @default - keys of S3 (SSE-S3)
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/** The folders of a ledger store that its tables and views read. */
const LEDGER_FOLDERS = ['ledger', 'dimensions'];

/**
 * Files that an analyst may read. A view of Athena gives no rights: whoever asks it needs the files behind it.
 */
export class AnalystData {
  /**
   * What the views over the ledger need: its tables, closed months and copies of teams among them, and the dimension tables.
   *
   * Prompts and completions are not among it, nor is the rest of the bill: the ledger has neither.
   */
  public static ledger(store: ILedgerStore): AnalystData {
    return AnalystData.in(store.bucketArn, LEDGER_FOLDERS, store.encryptionKey);
  }

  /**
   * What the tables or views of a team need: its copies and nothing else, or, behind views, the whole ledger.
   */
  public static team(team: AttributionTeamCatalog): AnalystData {
    const { store } = team.catalog;
    return team.rows === TeamRows.VIEWS
      ? AnalystData.ledger(store) : AnalystData.in(store.bucketArn, [team._folder], store.encryptionKey);
  }

  /**
   * Folders of any bucket, such as the invocation logs as delivered, or the bill as exported.
   *
   * The invocation logs hold prompts and completions where their delivery is on, and the bill everything that the company has bought.
   *
   * @param folders without a slash at either end
   */
  public static folders(bucket: s3.IBucketRef, folders: string[], options: AnalystFoldersOptions = {}): AnalystData {
    return AnalystData.in(bucket.bucketRef.bucketArn, folders, options.encryptionKey);
  }

  /**
   * Whatever Lake Formation lets the role read, and nothing by IAM: `lakeformation:GetDataAccess`, which is all that it needs on files
   * whose locations are registered there.
   *
   * @see https://docs.aws.amazon.com/lake-formation/latest/dg/access-control-underlying-data.html
   */
  public static lakeFormation(): AnalystData {
    return new AnalystData([{ actions: ['lakeformation:GetDataAccess'], resources: ['*'] }], []);
  }

  private static in(bucketArn: string, folders: string[], key: kms.IKeyRef | undefined): AnalystData {
    return new AnalystData(readPermissions(bucketArn, folders, key?.keyRef.keyArn), folders);
  }

  private constructor(
    /** @internal */
    public readonly _permissions: Permission[],
    /** @internal */
    public readonly _folders: string[],
  ) {}
}
