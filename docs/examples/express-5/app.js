import { randomUUID } from 'node:crypto';
import express from 'express';
import { openPlatform } from 'generator-platform/express';

const port = Number(process.env.PORT ?? 3000);

// Users and sessions of this application, which yours has already
const users = new Map([
  ['ada', { roles: ['admin'] }],
  ['sam', { roles: ['clerk'] }],
]);
const permissions = { admin: ['*'], clerk: ['rows:read'] };
const sessions = new Map();
const userOf = (req) => sessions.get(/\bsid=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1]) ?? null;

const platform = await openPlatform({
  root: process.cwd(),
  port,
  authenticate(req) {
    const name = userOf(req);
    return name && { subject: name, permissions: users.get(name).roles.flatMap((role) => permissions[role]) };
  },
});

const app = express();
app.get('/', (req, res) => {
  res.send(`The application, for ${userOf(req) ?? 'a visitor'}`);
});

app.use(platform.router); // before body parsers

app.use(express.json());
app.post('/login', (req, res) => {
  const { name } = req.body;
  if (!users.has(name)) {
    res.status(401).json({ message: 'No such user' });
    return;
  }
  const id = randomUUID();
  sessions.set(id, name);
  res.cookie('sid', id, { httpOnly: true, sameSite: 'lax' }).json({ name });
});
app.get('/health', (req, res) => {
  res.json({ application: 'healthy' });
});
app.use((req, res) => {
  res.status(404).send('The application has no such page');
});
app.use((error, req, res, next) => {
  if (res.headersSent) return next(error);
  res.status(500).json({ message: 'The application has failed', requestId: res.get('X-Request-Id') });
});

const server = app.listen(port, '127.0.0.1');

process.once('SIGTERM', () => {
  server.close();
  void platform.close();
});
