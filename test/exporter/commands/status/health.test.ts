import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { openLab, type Lab } from '../../../support/lab.ts';

describe('status and doctor', () => {
  let lab: Lab;
  let db: pg.Client;
  let service: Server;
  /** Status of the service's answers. */
  let ready = 200;

  before(async () => {
    lab = await openLab();
    db = new pg.Client({ connectionString: await lab.databaseUrl() });
    await db.connect();
    service = createServer((_request, response) => response.writeHead(ready).end()).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    await db.query(
      `UPDATE tool_registry SET is_exported = true, exported_at = now(), service_url = $1, gateway_url = $1, web_url = $1, database_name = 'x' WHERE tool_id = 'inventory-tracker'`,
      [url],
    );
    await db.query(
      `INSERT INTO tool_routes (tool_id, service_url, web_root) VALUES ('inventory-tracker', $1, 'none')`,
      [url],
    );
  });
  after(async () => {
    service.close();
    await db.end();
    await lab.close();
  });

  it('asks the service of an exported tool, and reports when it is not ready or does not answer', async () => {
    expect((await lab.gulp('status', '--silent')).stdout).to.match(/database x\): ready\n/);
    expect((await lab.gulp('doctor', '--silent')).stdout).not.to.include('The service of inventory-tracker');

    ready = 503;
    expect((await lab.gulp('status', '--silent')).stdout).to.match(
      /database x\): not ready\n[\s\S]*See its log: /,
    );

    service.close();
    service.closeAllConnections();
    const { code, report } = await lab.gulpJson('status');
    expect(code).to.equal(0);
    const { tools } = report.result as unknown as { tools: { toolId: string; health: string | null }[] };
    expect(tools.find(({ toolId }) => toolId === 'inventory-tracker')).to.include({ health: 'no answer' });
    const doctor = await lab.gulp('doctor', '--silent');
    expect(doctor.code).to.equal(3);
    expect(doctor.stdout).to.match(
      /The service of inventory-tracker at http:\/\/127\.0\.0\.1:\d+: no answer/,
    );
    expect(doctor.stdout).not.to.include('✅ Ready');
  });

  it('names a service that was exported before tokens had an audience of their own', async () => {
    await db.query(`UPDATE tool_routes SET deployment = '{"audience": "generator-platform"}'`);
    const { report } = await lab.gulpJson('doctor');
    const [finding] = report.findings.filter(({ message }) => message.includes('audience of their own'));
    expect(finding).to.include({ severity: 'warning' });
    expect(finding?.message).to.include('inventory-tracker');
    expect(finding?.remedy).to.include('npx gulp export --tool-id=inventory-tracker');
  });

  it('reports why a tool does not run in the monolith', async () => {
    await db.query('DELETE FROM tool_routes');
    await db.query(
      'UPDATE tool_registry SET is_exported = false, exported_at = NULL, service_url = NULL, gateway_url = NULL, web_url = NULL, database_name = NULL',
    );
    const entry = path.join(lab.root, 'tools/inventory-tracker/backend/index.ts');
    await writeFile(entry, `export default () => { throw new Error('not today'); };`);
    const status = async (): Promise<string> => (await lab.gulp('status', '--silent')).stdout;
    while ((await fetch(`${lab.platformUrl}/api/tools/inventory-tracker/items`)).status !== 503)
      await db.query(`SELECT pg_notify('tool_changed', 'inventory-tracker')`);
    expect(await status()).to.match(
      /in the monolith, does not run\n[\s\S]*tools\/inventory-tracker\/backend\/index\.ts:1: not today/,
    );
    const refused = await lab.gulp(
      'export',
      '--tool-id=inventory-tracker',
      '--dry-run',
      '--runtime=local',
      '--silent',
    );
    expect(refused.code).to.equal(3);
    expect(refused.stdout).to.match(
      /inventory-tracker does not run in the monolith\. .*index\.ts:1: not today/,
    );
  });
});
