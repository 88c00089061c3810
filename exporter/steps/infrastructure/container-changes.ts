import type { Facts } from '../../core/facts.ts';
import type { BuildImages } from './operations/build-images.ts';
import { imagesOf, instancesOf } from '../../generate/infrastructure/compose-entry.ts';
import type { StartContainers } from './operations/start-containers.ts';
import type { StartDatabaseContainer } from '../database/operations/start-database-container.ts';

/** Belongs to the database step: the server must run before there is anything to copy into. */
export function startDatabaseContainerChange(facts: Facts, composeText: string): StartDatabaseContainer {
  const { manifest, names, infrastructure } = facts;
  return {
    step: 'database',
    kind: 'start-database-container',
    target: names.db,
    before: null,
    after: {
      toolId: manifest.id,
      project: infrastructure.composeProject,
      container: names.db,
      port: infrastructure.databasePort,
      secret: names.secrets.admin,
      composeText,
      markFile: markFile(facts, 'database'),
    },
  };
}

export function buildImagesChange(facts: Facts): BuildImages {
  const { manifest, names, settings, infrastructure } = facts;
  const tags = imagesOf(facts);
  const args = { NODE_IMAGE: settings.images.node };
  return {
    step: 'infrastructure',
    kind: 'build-images',
    target: `${names.api}, ${names.web}`,
    before: null,
    after: {
      toolId: manifest.id,
      project: infrastructure.composeProject,
      images: [
        { tag: tags.api, folder: names.apiFolder, args },
        { tag: tags.web, folder: names.webFolder, args: { ...args, NGINX_IMAGE: settings.images.nginx } },
      ],
      markFile: markFile(facts, 'images'),
    },
  };
}

export function startContainersChange(facts: Facts): StartContainers {
  const { manifest, names, infrastructure } = facts;
  const containers = [...instancesOf(facts).map((instance) => instance.name), names.web];
  return {
    step: 'infrastructure',
    kind: 'start-containers',
    target: containers.join(', '),
    before: null,
    after: {
      toolId: manifest.id,
      containers,
      secrets: [names.secrets.runtime],
      variables: infrastructure.platformKeys,
      markFile: markFile(facts, 'containers'),
    },
  };
}

const markFile = ({ settings, manifest }: Facts, what: string): string =>
  `${settings.stateDir}/run/docker-${manifest.id}-${what}`;
