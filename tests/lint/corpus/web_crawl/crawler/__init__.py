from .frontier import crawl_site, crawl_sitemap
from .fetching import fetch, store_page

__all__ = ["crawl_site", "crawl_sitemap", "fetch", "store_page"]
