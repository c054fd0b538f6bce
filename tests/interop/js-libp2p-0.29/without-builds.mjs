// Has bcrypto, on which noise of that time stands, take its JavaScript: its C would have to be built at the installation.

process.env.NODE_BACKEND = 'js';
