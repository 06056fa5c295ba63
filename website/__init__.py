"""The course as a website: static pages made from the solved chapters (``make site``)."""
