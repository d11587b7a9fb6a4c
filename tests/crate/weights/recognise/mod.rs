mod kinds;
mod published;
