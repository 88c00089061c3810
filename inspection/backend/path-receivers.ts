/** Functions of packages that receive a path, and options that hold one. */
export interface PathReceiver {
  readonly module: RegExp;
  /** Name of the function, class or method; default: any name of the module. */
  readonly name?: RegExp;
  /** Index of the argument that is a path. */
  readonly argument?: number;
  /** Options that hold a path, at any depth of the arguments. */
  readonly options?: RegExp;
  readonly writes: boolean;
}

/** Packages of which other rows do not say more. Node's own modules are in `places.ts`. */
export const PATH_RECEIVERS: readonly PathReceiver[] = [
  { module: /^multer$/, options: /^(dest|destination)$/, writes: true },
  { module: /^formidable$/, options: /^uploadDir$/, writes: true },
  { module: /^express-fileupload$/, options: /^tempFileDir$/, writes: true },
  { module: /^write-file-atomic$/, argument: 0, writes: true },
  { module: /^(mkdirp|make-dir|rimraf|del)$/, argument: 0, writes: true },
  { module: /^(better-sqlite3|level|classic-level|lmdb)$/, argument: 0, writes: true },
  { module: /^(sqlite3|node:sqlite)$/, name: /^Database(Sync)?$/, argument: 0, writes: true },
  { module: /^(sqlite|nedb|@seald-io\/nedb)$/, options: /^filename$/, writes: true },
  { module: /^lowdb\/node$/, argument: 0, writes: true },
  {
    module: /^(winston|winston-daily-rotate-file)$/,
    options: /^(filename|dirname|auditFile)$/,
    writes: true,
  },
  { module: /^rotating-file-stream$/, options: /^path$/, writes: true },
  { module: /^pino$/, name: /^destination$/, argument: 0, writes: true },
  { module: /^pino$/, options: /^(dest|destination)$/, writes: true },
  { module: /^session-file-store$/, options: /^path$/, writes: true },
  { module: /^xlsx$/, name: /^writeFile(Sync)?$/, argument: 1, writes: true },
  { module: /^(serve-static|serve-index|serve-favicon)$/, argument: 0, writes: false },
  { module: /^nunjucks$/, name: /^configure$/, argument: 0, writes: false },
  {
    module: /^(ejs|pug|eta)$/,
    name: /^(renderFile|compileFile|renderFileAsync)$/,
    argument: 0,
    writes: false,
  },
  { module: /^dotenv$/, options: /^path$/, writes: false },
  { module: /^i18n$/, options: /^directory$/, writes: false },
];

/** Methods of objects that a package has made, wherever the object comes from. */
export const PATH_METHODS: readonly PathReceiver[] = [
  { module: /^express$/, name: /^set$/, argument: 1, writes: false },
  { module: /^sharp$/, name: /^toFile$/, argument: 0, writes: true },
  { module: /^exceljs$/, name: /^writeFile$/, argument: 0, writes: true },
  { module: /^express-fileupload$/, name: /^mv$/, argument: 0, writes: true },
  {
    module: /^(puppeteer|puppeteer-core|playwright|playwright-core)$/,
    name: /^(pdf|screenshot)$/,
    options: /^path$/,
    writes: true,
  },
];
